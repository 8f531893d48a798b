SELECT
  network,
  count(*) AS events,
  count_if(status = 'reviewed') AS reviewed,
  sum(significance) AS significance,
  max(station_count) AS most_stations
FROM earthquakes
WHERE event_date BETWEEN DATE '2018-01-31' AND DATE '2018-02-07'
GROUP BY network
ORDER BY events DESC, network
