-- An airline's month, from its days.
SELECT
  CAST(date_trunc('month', flight_date) AS date) AS month,
  carrier,
  airline,
  sum(flights) AS flights,
  sum(cancelled) AS cancelled,
  sum(seat_miles) AS seat_miles,
  CAST(sum(delay_cost_usd) AS decimal(16, 2)) AS delay_cost_usd
FROM daily_routes
GROUP BY 1, 2, 3
