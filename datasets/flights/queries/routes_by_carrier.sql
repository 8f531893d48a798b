-- What each airline flew in three days, and what its delays cost.
SELECT
  carrier,
  airline,
  sum(flights) AS flights,
  sum(cancelled) AS cancelled,
  sum(seats_not_known) AS seats_not_known,
  sum(seats_flown) AS seats_flown,
  sum(seat_miles) AS seat_miles,
  sum(delay_minutes) AS delay_minutes,
  sum(delay_cost_usd) AS delay_cost_usd
FROM daily_routes
WHERE flight_date BETWEEN DATE '2013-03-08' AND DATE '2013-03-10'
GROUP BY carrier, airline
ORDER BY carrier
