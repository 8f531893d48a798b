-- Every row here is a key that stands in the table more than once: there must be none.
SELECT id, count(*) AS times
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
GROUP BY id
HAVING count(*) > 1
ORDER BY id
