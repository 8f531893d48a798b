"""Where a table's rows come from: which files, which columns of them, and the DuckDB SQL that reads them."""
