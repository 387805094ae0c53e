import Config

if System.get_env("PHX_SERVER") do
  config :harbour, server: true
end

config :harbour, port: String.to_integer(System.get_env("PORT") || "4000")
