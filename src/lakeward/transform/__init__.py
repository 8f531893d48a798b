"""From raw records to typed rows: the contract compiled to SQL. Nothing here runs a query; an engine adapter does."""
