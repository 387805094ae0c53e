import Config

config :harbour, port: 4000
