-- Days that two slots both asked for are there once.
SELECT
  rate_date,
  count(*) AS currencies
FROM exchange_rates
WHERE rate_date BETWEEN DATE '2024-01-02' AND DATE '2024-01-12'
GROUP BY rate_date
ORDER BY rate_date
