require_relative "boot"

require "rails/all"

Bundler.require(*Rails.groups)

module Berths
  class Application < Rails::Application
    config.load_defaults 7.1
    config.logger = ActiveSupport::Logger.new($stdout)
  end
end
