SELECT event_date, id, magnitude, depth_km
FROM (
  SELECT
    event_date,
    id,
    magnitude,
    depth_km,
    row_number() OVER (PARTITION BY event_date ORDER BY magnitude DESC NULLS LAST, id) AS place_of_day
  FROM earthquakes
  WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
) AS ranked
WHERE place_of_day = 1
ORDER BY event_date
