-- The day on which summer time begins has 23 hours on the clock, and no row is there twice.
SELECT
  observed_on,
  origin,
  count(*) AS hours,
  count(DISTINCT observed_at) AS instants,
  min(observed_at) AS first_hour,
  max(observed_at) AS last_hour
FROM weather
WHERE observed_on BETWEEN DATE '2013-03-08' AND DATE '2013-03-10'
GROUP BY observed_on, origin
ORDER BY observed_on, origin
