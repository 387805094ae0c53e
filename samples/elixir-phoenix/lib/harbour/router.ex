defmodule Harbour.Router do
  use Plug.Router

  plug(:match)
  plug(:dispatch)

  get("/health", do: send_resp(conn, 200, "ok"))
  get("/ships/:name", do: send_resp(conn, 200, "the #{name} lies at berth #{byte_size(name)}"))
  match(_, do: send_resp(conn, 404, "no such berth"))
end
