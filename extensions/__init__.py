"""Tools of the template repository. Rendering a project does not use them."""
