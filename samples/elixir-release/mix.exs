defmodule Tides.MixProject do
  use Mix.Project

  def project do
    [
      app: :tides,
      version: "1.0.0",
      elixir: "~> 1.14",
      start_permanent: Mix.env() == :prod,
      releases: [tides: [include_executables_for: [:unix]]]
    ]
  end

  def application do
    [extra_applications: [:logger], mod: {Tides.Application, []}]
  end
end
