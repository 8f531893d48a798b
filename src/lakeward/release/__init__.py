"""A release on its way: kept, proved, approved, deployed, checked, and taken back. Rules over ports; no cloud here."""
