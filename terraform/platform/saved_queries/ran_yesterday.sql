-- What ran yesterday (UTC), how long it took, what failed and what it cost, by dataset.
SELECT
  dataset,
  count(*) AS attempts,
  count_if(status = 'FAILED') AS failed,
  count(DISTINCT slot) AS slots,
  round(sum(seconds), 1) AS seconds,
  sum(written) AS rows_written,
  sum(estimated_microdollars) / 1e6 AS estimated_dollars
FROM runs
WHERE day = CAST(current_date - INTERVAL '1' DAY AS varchar)
GROUP BY dataset
ORDER BY dataset
