-- Run by the owner of the tenant's database. The application's login gets its rights on the table from the
-- default privileges of that owner.
create table note (
    id bigint generated always as identity primary key,
    body text not null check (length(body) between 1 and 2000),
    created_at timestamptz not null default now()
);
