"""WooCommerce: a shop's orders, refunds and customers come in by signed webhooks. README.md tells how to set it up."""
