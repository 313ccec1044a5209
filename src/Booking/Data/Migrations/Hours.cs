using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace FabLab.Booking.Data.Migrations;

/// <summary>
/// Opening hours that were only written down become hours that are read. They bound no relay before, so they bind none after:
/// the terms of such a place say that machines do not keep them, until somebody says otherwise.
/// </summary>
[DbContext(typeof(BookingDbContext))]
[Migration("0009_hours")]
internal sealed class Hours : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("previous", "site_timetable", nullable: true);
        migrationBuilder.AddColumn<string>("previous", "machine_timetable", nullable: true);
        migrationBuilder.Sql(migrationBuilder.IsSqlite()
            ? """
              INSERT INTO site_timetable (id, timetable, version)
              SELECT 1, json_object('zone', json_extract(s.rule, '$.zone'), 'weekly', json((
                  SELECT json_group_array(json_object('days', d.key, 'window', json_object(
                      'start', substr(w.value, 1, 5) || ':00', 'end', substr(w.value, 7, 5) || ':00', 'kind', 'booked')))
                  FROM json_each(s.opening) AS d, json_each(d.value) AS w))), 0
              FROM site AS s WHERE s.opening IS NOT NULL AND NOT EXISTS (SELECT 1 FROM site_timetable)
              """
            : """
              INSERT INTO site_timetable (id, timetable, version)
              SELECT 1, jsonb_build_object('zone', s.rule::jsonb ->> 'zone', 'weekly', (
                  SELECT coalesce(jsonb_agg(jsonb_build_object('days', d.key, 'window', jsonb_build_object(
                      'start', substr(w.value, 1, 5) || ':00', 'end', substr(w.value, 7, 5) || ':00', 'kind', 'booked'))), '[]'::jsonb)
                  FROM jsonb_each(s.opening::jsonb) AS d, jsonb_array_elements_text(d.value) AS w))::text, 0
              FROM site AS s WHERE s.opening IS NOT NULL AND NOT EXISTS (SELECT 1 FROM site_timetable)
              """);
        migrationBuilder.Sql("""
            INSERT INTO booking_terms (scope, terms, version)
            SELECT 'site', '{"keepsHours":false}', 0 FROM site
            WHERE opening IS NOT NULL AND NOT EXISTS (SELECT 1 FROM booking_terms WHERE scope = 'site')
            """);
        migrationBuilder.Sql("ALTER TABLE site DROP COLUMN opening");
    }
}
