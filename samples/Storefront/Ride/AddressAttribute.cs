using System.ComponentModel.DataAnnotations;

namespace Storefront.Ride;

/// <summary>An address that there is in the city.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class AddressAttribute : ValidationAttribute
{
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext) =>
        value is null or "" || (value is string address && validationContext.GetRequiredService<City>().Has(address))
            ? ValidationResult.Success
            : new ValidationResult(
                $"There is no '{value}' in this city. An address is a street and an avenue, such as 'Basil & 4': the streets are "
                    + $"{string.Join(", ", CityPlan.StreetNames)}, the avenues 1 to {CityPlan.Columns}.",
                [validationContext.MemberName ?? "address"]);
}
