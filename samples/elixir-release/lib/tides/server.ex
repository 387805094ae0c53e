defmodule Tides.Server do
  use Task, restart: :permanent

  def start_link(port), do: Task.start_link(__MODULE__, :listen, [port])

  def listen(port) do
    {:ok, socket} = :gen_tcp.listen(port, [:binary, packet: :http_bin, active: false, reuseaddr: true])
    accept(socket)
  end

  defp accept(socket) do
    {:ok, client} = :gen_tcp.accept(socket)
    {:ok, {:http_request, _method, {:abs_path, path}, _version}} = :gen_tcp.recv(client, 0)
    {status, body} = answer(path)
    reply = "HTTP/1.1 #{status}\r\ncontent-length: #{byte_size(body)}\r\nconnection: close\r\n\r\n#{body}"
    :ok = :gen_tcp.send(client, reply)
    :gen_tcp.close(client)
    accept(socket)
  end

  defp answer("/tides/" <> harbour), do: {"200 OK", "high tide in #{String.capitalize(harbour)} at noon\n"}
  defp answer(_path), do: {"404 Not Found", "no such harbour\n"}
end
