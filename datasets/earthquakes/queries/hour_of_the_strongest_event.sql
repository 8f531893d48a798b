-- A range of time, whole rows as a reader sees them. The first instant is inside, the last one is not.
SELECT *
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-02-06' AND DATE '2018-02-06'
  AND occurred_at >= TIMESTAMP '2018-02-06 15:50:42.400'
  AND occurred_at < TIMESTAMP '2018-02-06 16:50:42.400'
ORDER BY occurred_at, id
