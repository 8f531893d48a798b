-- Planes and their seats by engine, and how many have no year.
SELECT
  engine,
  count(*) AS planes,
  sum(seats) AS seats,
  count_if(built_in IS NULL) AS without_year
FROM planes
GROUP BY engine
ORDER BY engine
