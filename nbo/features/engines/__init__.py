"""Where features are computed: partition by partition, and on Spark."""
