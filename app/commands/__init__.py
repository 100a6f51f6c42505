"""The commands of `tradebook`, a module each; app.cli lists them."""
