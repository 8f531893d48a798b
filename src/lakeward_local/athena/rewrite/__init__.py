"""Typed plan to DuckDB SQL."""
