SELECT
  CAST(floor(magnitude) AS integer) AS whole_magnitude,
  count(*) AS events,
  min(depth_km) AS shallowest_km,
  max(depth_km) AS deepest_km
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
GROUP BY CAST(floor(magnitude) AS integer)
ORDER BY whole_magnitude NULLS LAST
