-- An event belongs to the UTC day of its own instant, to the millisecond; the two days are two slots.
SELECT id, event_date, occurred_at, updated_at
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
  AND occurred_at >= TIMESTAMP '2018-02-04 23:53:00.450'
  AND occurred_at < TIMESTAMP '2018-02-05 00:30:00.000'
ORDER BY occurred_at, id
