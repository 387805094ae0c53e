require_relative "lib/moorings"

run Moorings.freeze.app
