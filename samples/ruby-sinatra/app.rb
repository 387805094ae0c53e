require "sinatra/base"
require "sqlite3"
require "time"

# Heights of the tide, kept in memory for as long as the process lives.
class Tides < Sinatra::Base
  DB = SQLite3::Database.new(":memory:")
  DB.execute("CREATE TABLE tides (port TEXT, at TEXT, metres REAL)")

  get "/healthz" do
    "ok"
  end

  get "/" do
    @tides = DB.execute("SELECT port, at, metres FROM tides ORDER BY at")
    erb :index
  end

  post "/:port" do
    DB.execute("INSERT INTO tides VALUES (?, ?, ?)", [params["port"], Time.now.utc.iso8601, params["metres"].to_f])
    status 201
  end
end
