SELECT id, event_type, magnitude, magnitude_type, occurred_at, place
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
ORDER BY magnitude DESC NULLS LAST, id
LIMIT 5
