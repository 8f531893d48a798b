-- What became of the flights of each day; cancelled ones never departed.
SELECT
  flight_date,
  count(*) AS flights,
  count_if(departure_hhmm IS NULL) AS cancelled,
  count_if(departure_hhmm IS NOT NULL AND arrival_delay_minutes IS NULL) AS not_arrived_as_planned,
  count_if(departure_delay_minutes >= 15) AS late,
  sum(distance_miles) AS miles
FROM flights
WHERE flight_date BETWEEN DATE '2013-03-08' AND DATE '2013-03-10'
GROUP BY flight_date
ORDER BY flight_date
