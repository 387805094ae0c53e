require "json"
require "pg"
require "roda"

# Berths of a harbour and who lies there, from PostgreSQL.
class Moorings < Roda
  plugin :json
  plugin :halt

  def berths
    PG.connect(ENV.fetch("DATABASE_URL")) do |connection|
      connection.exec("SELECT berth, ship FROM moorings ORDER BY berth").to_a
    end
  rescue PG::Error, KeyError => e
    request.halt(503, { error: e.message.lines.first.to_s.strip })
  end

  route do |r|
    r.get("up") { "ok" }
    r.get("now") { { zone: Time.now.zone } }
    r.get("berths") { berths }
  end
end
