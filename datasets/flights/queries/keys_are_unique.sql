-- A flight number is used twice a day by some airlines; with the airport it is one flight.
SELECT
  count(*) AS flights,
  count(DISTINCT (flight_date, carrier, flight, origin)) AS "keys",
  count(DISTINCT (flight_date, carrier, flight)) AS numbers
FROM flights
WHERE flight_date BETWEEN DATE '2013-03-08' AND DATE '2013-03-10'
