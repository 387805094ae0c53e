defmodule Harbour.MixProject do
  use Mix.Project

  def project do
    [
      app: :harbour,
      version: "0.3.0",
      elixir: "~> 1.15",
      start_permanent: Mix.env() == :prod,
      deps: [{:bandit, "~> 1.5"}, {:plug, "~> 1.16"}]
    ]
  end

  def application do
    [extra_applications: [:logger], mod: {Harbour.Application, []}]
  end
end
