"""The site's generated pages: a claim each, the dashboard, the errata, the gallery, the public names."""
