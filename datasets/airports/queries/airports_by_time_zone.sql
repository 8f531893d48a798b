-- Airports by time zone, those of none too, and their highest.
SELECT
  time_zone,
  count(*) AS airports,
  count(DISTINCT faa) AS codes,
  max(altitude_feet) AS highest_feet
FROM airports
GROUP BY time_zone
ORDER BY time_zone
