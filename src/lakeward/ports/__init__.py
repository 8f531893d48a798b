"""What the pipelines need of the world, as small Protocols. Adapters fill them; tests fill them with fakes."""
