-- Decimals are exact: texts of the CSV, not numbers that passed through a float.
SELECT
  count(*) AS days,
  min(units_per_euro) AS least,
  max(units_per_euro) AS greatest
FROM exchange_rates
WHERE currency = 'USD' AND rate_date BETWEEN DATE '2024-01-02' AND DATE '2024-01-12'
