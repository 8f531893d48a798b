SELECT
  min(magnitude) AS smallest,
  max(magnitude) AS greatest,
  count(magnitude) AS measured
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
