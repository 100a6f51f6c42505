-- Makes the wallets of an import that are new, and takes turns with every other writer to all of them.
--
-- Two imports that bring the same new wallet take turns before it is there to be locked. A wallet that cannot be
-- made is left to its rows, which are refused for it.
create function book.take_wallets(owner uuid, addresses text[])
returns void
language plpgsql
volatile
as $$
declare
    address text;
begin
    foreach address in array array(select a from unnest(addresses) as a where a is not null order by a) loop
        perform pg_advisory_xact_lock(hashtextextended('tradebook import ' || address, 0));
        begin
            perform book.import_wallet(owner, address);
        exception
            when others then
                if not book.is_refusal(sqlstate) then
                    raise;
                end if;
        end;
    end loop;
    perform book.lock_wallets(addresses);
end
$$;

comment on function book.take_wallets(uuid, text[]) is
'Makes the new wallets among the addresses and locks all of them, in address order.';
