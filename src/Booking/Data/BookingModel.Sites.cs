using FabLab.Booking.Features.Sites;
using Microsoft.EntityFrameworkCore;

namespace FabLab.Booking.Data;

internal static partial class BookingModel
{
    private static void Sites(ModelBuilder model) => model.Entity<LabSite>(site =>
    {
        site.ToTable("lab_site");
        site.HasKey(s => s.Number);
        site.Property(s => s.Number).HasColumnName("site_number").ValueGeneratedNever();
        site.Property(s => s.Name).HasMaxLength(LabSite.MaxName);
        site.Property(s => s.Commune).HasMaxLength(LabSite.MaxCommune);
        site.Property(s => s.PostCode).HasMaxLength(LabSite.MaxPostCode);
        site.Property(s => s.Insee).HasMaxLength(LabSite.MaxInsee);
        site.Property(s => s.Version).IsConcurrencyToken();
    });
}
