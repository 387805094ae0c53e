CREATE TABLE harbours (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    range_m numeric(4, 2) NOT NULL CHECK (range_m > 0)
);
