SELECT event_date, event_type, count(*) AS events
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
GROUP BY event_date, event_type
ORDER BY event_date, event_type
