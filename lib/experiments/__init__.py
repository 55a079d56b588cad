"""Full-size runs: recipes, and the spread of their results over seeds."""
