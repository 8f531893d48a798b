-- Clocks of eight time zones as instants, on the day on which summer time begins too; and what the flights refer to.
SELECT
  flight_date,
  count(*) AS flights,
  count_if(airline IS NULL) AS without_airline,
  count_if(seats IS NULL) AS without_plane,
  count_if(destination_name IS NULL) AS without_airport,
  count_if(precipitation_inches > 0) AS in_the_wet,
  sum(date_diff('minute', scheduled_departure_at, scheduled_arrival_at)) AS scheduled_minutes,
  min(departed_at) AS first_departure,
  max(arrived_at) AS last_arrival
FROM flights_enriched
WHERE flight_date BETWEEN DATE '2013-03-08' AND DATE '2013-03-10'
GROUP BY flight_date
ORDER BY flight_date
