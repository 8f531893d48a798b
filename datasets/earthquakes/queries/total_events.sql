-- Nothing lost, nothing double: as many rows as keys, on every day of the sample.
SELECT
  count(*) AS events,
  count(DISTINCT id) AS ids,
  count(DISTINCT event_date) AS days
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
