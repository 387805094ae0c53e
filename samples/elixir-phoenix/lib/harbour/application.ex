defmodule Harbour.Application do
  use Application

  @impl true
  def start(_type, _args) do
    children =
      if Application.get_env(:harbour, :server, false) do
        [{Bandit, plug: Harbour.Router, port: Application.fetch_env!(:harbour, :port)}]
      else
        []
      end

    Supervisor.start_link(children, strategy: :one_for_one)
  end
end
