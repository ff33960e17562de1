"""What holds the template to its promises."""
