ActiveRecord::Schema[7.1].define(version: 1) do
  create_table :berths do |t|
    t.string :name
  end
end
