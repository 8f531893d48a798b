"""What a release is built from: sources into zips, requirements into a layer and a bill of materials."""
