-- Flights whose clock at departure or arrival is behind the scheduled one although they were late: past midnight.
SELECT
  flight_date,
  count_if(departure_hhmm < scheduled_departure_hhmm AND departure_delay_minutes > 0) AS departed_next_day,
  count_if(arrival_hhmm < scheduled_arrival_hhmm AND arrival_delay_minutes > 0) AS arrived_past_midnight,
  min(scheduled_hour_at) AS first_hour,
  max(scheduled_hour_at) AS last_hour
FROM flights
WHERE flight_date BETWEEN DATE '2013-03-08' AND DATE '2013-03-10'
GROUP BY flight_date
ORDER BY flight_date
