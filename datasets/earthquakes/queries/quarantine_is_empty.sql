-- Every row here is a record of these slots that broke a rule of the contract: there must be none.
SELECT slot_date, page, position, column_name, rule, reason
FROM earthquakes_quarantine
WHERE slot_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
ORDER BY slot_date, page, position
