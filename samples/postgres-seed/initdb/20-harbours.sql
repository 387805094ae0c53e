INSERT INTO harbours (name, range_m) VALUES ('Horta', 1.10), ('Ponta Delgada', 1.25), ('Flores', 0.95);
SELECT 'seeded ' || count(*) || ' harbours' AS seed FROM harbours;
