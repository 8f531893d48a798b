-- Slots, seconds, cost and the share of rows that broke a rule, by dataset and day, over the last month.
SELECT
  dataset,
  day,
  count(DISTINCT slot) AS slots,
  round(sum(seconds), 1) AS seconds,
  sum(estimated_microdollars) / 1e6 AS estimated_dollars,
  100e0 * sum(quarantined) / nullif(sum(rows_in), 0) AS quarantined_percent
FROM runs
WHERE day >= CAST(current_date - INTERVAL '30' DAY AS varchar) AND status = 'SUCCEEDED'
GROUP BY dataset, day
ORDER BY dataset, day
